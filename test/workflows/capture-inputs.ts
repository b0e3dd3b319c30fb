/** Runs inside the workflow sandbox: tells a sink what every activity was asked. */
import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';

export interface InputSinks extends Sinks {
  inputs: { asked(step: string, args: unknown[]): void };
}

export const interceptors: WorkflowInterceptorsFactory = () => {
  const { inputs } = proxySinks<InputSinks>();
  return {
    outbound: [
      {
        scheduleLocalActivity(input, next) {
          // A step that is tried again after a server timer is asked the same again.
          if (input.attempt === 1) inputs.asked(input.activityType, input.args);
          return next(input);
        },
        scheduleActivity(input, next) {
          inputs.asked(input.activityType, input.args);
          return next(input);
        },
      },
    ],
  };
};
