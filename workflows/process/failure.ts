/** How a workflow says that a step failed for good: it lands on the exception board with an owner. */
export interface FailureSteps {
  reportFailure(request: {
    processId: string;
    step: string;
    compensation: boolean;
    message: string;
  }): Promise<void>;
}
