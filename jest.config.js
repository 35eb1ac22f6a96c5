const jestJupyterLab = require('@jupyterlab/testing/lib/jest-config');

// Packages that are published as ES modules only.
const esModules = [
  '@codemirror',
  '@jupyter/',
  '@jupyterlab/',
  '@marijn',
  '@microsoft/',
  'color',
  'exenv-es6',
  'lib0',
  'marked',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'y-websocket',
  'yjs'
].join('|');

const base = jestJupyterLab(__dirname);

module.exports = {
  ...base,
  modulePathIgnorePatterns: [
    '<rootDir>/labextension/',
    '<rootDir>/lib/',
    '<rootDir>/.venv/'
  ],
  moduleNameMapper: {
    ...base.moduleNameMapper,
    '^uplot$': '<rootDir>/src/__mocks__/uplot.ts'
  },
  reporters: ['default'],
  setupFiles: [...base.setupFiles, '<rootDir>/src/__mocks__/setup.ts'],
  testRegex:
    'src/.*/__tests__/.*\\.spec\\.tsx?$|src/__tests__/.*\\.spec\\.tsx?$',
  transform: {
    ...base.transform,
    '^.+\\.tsx?$': ['ts-jest/legacy', { tsconfig: './tsconfig.test.json' }],
    '^.+\\.jsx?$': ['babel-jest', { configFile: './babel.config.js' }]
  },
  transformIgnorePatterns: [`/node_modules/(?!${esModules}).+`]
};
