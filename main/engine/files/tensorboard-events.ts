/** How event files of TensorBoard number their fields (tensorflow/core/util/event.proto), for who writes and who reads them. */
export const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const

/** SessionLog.SessionStatus: what a reader has of this step and later is of an attempt that was given up. */
export const SESSION_START = 1
