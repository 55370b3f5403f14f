/**
 * Prometheus' stale marker: the NaN whose bits say that a series has ended. It travels as bits, since a NaN may lose them on
 * its way through a variable.
 */
export const STALE_BITS = 0x7ff0_0000_0000_0002n;

/** Its halves, for columns that are seen as words of 32 bits. */
export const STALE_HIGH_BITS = 0x7ff0_0000;
export const STALE_LOW_BITS = 0x0000_0002;
