export * from './button';
export * from './errors';
export * from './fields';
export * from './progress';
export * from './sparkline';
export * from './state';
