import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import { DEFAULT_POLICIES } from '../../../rules/policy/defaults.ts';

/** An amount that nothing has: the row is taken where the subject's own policy wants somebody. */
const NEVER = { amountAboveMinor: '999999999999999' };

const matrix = DEFAULT_POLICIES['approval-matrix'];

/** Who decides where the model says that somebody has to: one approver, whatever the amount. */
export const ASKING_ONE: MatrixVersion = {
  version: 'approval-matrix@1',
  document: {
    ...matrix,
    rows: matrix.rows.flatMap((row) => {
      const isLast = Object.keys(row.when).length === 0;
      if (!isLast) return [];
      const { id, levels } = row;
      return [
        { ...row, id: `${id}-asked`, when: NEVER, levels: levels.slice(0, 1) },
        { ...row, id: `${id}-free`, levels: [] },
      ];
    }),
  },
};
