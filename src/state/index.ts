export * from './latest';
export * from './list';
export * from './live';
export * from './status';
export * from './use';
