/**
 * /proc/stat and cpuacct.stat count in USER_HZ, which is 100 a second on every architecture that Node runs on
 * (Documentation/filesystems/proc.rst; the kernel converts whatever its own tick rate is).
 */
export const TICKS_PER_SECOND = 100;
