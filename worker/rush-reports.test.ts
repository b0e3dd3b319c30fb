import { expect, test, vi } from 'vitest';
import type { Ledger } from '../activities/ledger/connect.ts';
import { startRushReports } from './rush-reports.ts';

test('a rush is reported as long as it lasts, one report at a time, and a report that fails is no end of it', async () => {
  vi.useFakeTimers();
  try {
    let isBusy = false;
    const asked: string[] = [];
    const failed: unknown[] = [];
    let answer: () => Promise<unknown> = async () => ({ reported: true });
    const ledger = {
      call: (name: string) => {
        asked.push(name);
        return answer();
      },
    } as unknown as Ledger;
    const reports = startRushReports({
      ledger,
      isIntakeBusy: () => isBusy,
      reportError: (error) => failed.push(error),
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toEqual([]);
    isBusy = true;
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual(['report_rush', 'report_rush']);
    answer = async () => {
      throw new Error('away');
    };
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(4);
    expect(failed).toHaveLength(2);
    let ended = (): void => undefined;
    answer = () =>
      new Promise((resolve) => {
        ended = () => resolve({ reported: true });
      });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(5);
    const stopped = reports.stop();
    ended();
    await stopped;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});
