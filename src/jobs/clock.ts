export { type Clock, systemClock } from 'pg-boss';
