import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Fields 14 and 15 of /proc/PID/stat (proc(5)), the command's name and the fields before it apart. */
const UTIME = 11
const STIME = 12

/** CPU that a process has used, all its threads together and both in its own code and the kernel's. */
export function cpu_us(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[UTIME]) + Number(fields[STIME])) * 1e6) / TICKS_PER_SECOND
}

export function rss_KiB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  if (match === null) throw new Error(`process ${pid} tells no VmRSS`)
  return Number(match[1])
}

const SAMPLE_MS = 20

/** Watches a process while `work` runs: the most that its memory was above the start. */
export async function rssGrowth_KiB(pid: number, work: () => Promise<void>): Promise<number> {
  const before = rss_KiB(pid)
  let most = before
  const sample = setInterval(() => (most = Math.max(most, rss_KiB(pid))), SAMPLE_MS)
  try {
    await work()
  } finally {
    clearInterval(sample)
  }
  return most - before
}
