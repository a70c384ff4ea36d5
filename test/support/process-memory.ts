import { readdirSync, readFileSync } from 'node:fs';

/** Bytes in memory of a process and all its children. */
export function treeRss(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + rssOf(each), 0);
}

/** Files and connections that a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The processes under a process, at any depth. */
export function childrenOf(pid: number): number[] {
  const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return direct.flatMap((child) => [child, ...childrenOf(child)]);
}

function rssOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
