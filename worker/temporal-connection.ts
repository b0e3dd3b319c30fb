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
