import { NativeConnection } from '@temporalio/worker';

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/;

/**
 * The connection that worker and client share. On one machine nothing is gained by compressing requests,
 * which the SDK otherwise does.
 */
export function connectTemporal(address: string): Promise<NativeConnection> {
  return NativeConnection.connect({
    address,
    ...(LOOPBACK.test(address) ? { grpcCompression: { codec: 'none' } } : {}),
  });
}

/** Whether there is a connection and the server behind it answers within so many milliseconds. */
export async function isAnswering(
  connection: NativeConnection | undefined,
  withinMs: number,
): Promise<boolean> {
  if (connection === undefined) return false;
  try {
    await connection.withDeadline(Date.now() + withinMs, () =>
      connection.workflowService.getSystemInfo({}),
    );
    return true;
  } catch {
    return false;
  }
}
