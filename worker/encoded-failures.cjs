/**
 * Writes the messages and stack traces of failures as payloads, so that the codec encrypts them too.
 * Temporal's SDK loads it by path with require(), in the process and into the bundle of the workflows:
 * that is why this file alone is CommonJS.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
