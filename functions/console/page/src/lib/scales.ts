/**
 * What recharts takes from d3-scale, in the place of all of it (`vite.config.ts`): our charts have bands and amounts,
 * so the scales of times, logarithms and powers, and their parsers of dates, need not be loaded.
 */
export { scaleBand, scaleLinear, scalePoint } from 'd3-scale'
