import { NOTICE_KIND_NAMES } from '../../rules/notice/notice-kinds.ts';
import { fresh } from './api-shop.ts';

/** Routes with bodies that say how notices reach people and programs. */
export const NOTICE_ROUTES = {
  'PUT /v1/notices/preferences': {
    status: 200,
    repeat: 'by-content',
    prepare: () => ({
      path: '/v1/notices/preferences',
      body: {
        kinds: Object.fromEntries(NOTICE_KIND_NAMES.map((kind) => [kind, 'digest'])),
        quietHours: { from: '22:00', to: '07:00' },
        timeZone: 'Europe/London',
        digestHour: 8,
      },
    }),
  },
  'PUT /v1/webhook-endpoints': {
    status: 200,
    repeat: 'by-content',
    prepare: () => ({
      path: '/v1/webhook-endpoints',
      body: {
        endpointId: fresh('e'),
        url: 'https://hooks.example.com/loopline',
        description: 'The team’s chat',
        kinds: ['exception-urgent', 'approval-requested'],
        state: 'active',
        secret: `whsec_${Buffer.alloc(32, 5).toString('base64')}`,
        overlapHours: 24,
      },
    }),
  },
} as const;
