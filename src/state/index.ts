export * from './list';
export * from './live';
export * from './status';
export * from './use';
