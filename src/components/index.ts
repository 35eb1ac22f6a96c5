export * from './button';
export * from './checks';
export * from './errors';
export * from './fields';
export * from './progress';
export * from './sparkline';
export * from './state';
export * from './tabs';
