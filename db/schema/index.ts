export * from './auth';
export * from './checks';
export * from './events';
export * from './models';
export * from './queue';
export * from './requests';
export * from './runners';
export * from './runs';
