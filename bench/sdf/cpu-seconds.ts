/** CPU time of this thread: another load on the machine makes work take longer, but not more of it. */
export function cpuSeconds(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { system, user } = process.threadCpuUsage(before);
  return (user + system) / 1e6;
}
