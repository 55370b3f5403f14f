/**
 * Work in steps, between which appends and reads go on. What yields a promise goes on when it is kept: meanwhile a disk is
 * busy, or somebody else works.
 */
export type Steps<Result = void> = Generator<void | Promise<void>, Result>;
