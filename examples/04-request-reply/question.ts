/** Where questions go. */
export const QUESTIONS = 'questions';

/** What is asked. The id is the asker's: the answer to it has the same one. */
export interface Question {
  readonly id: string;
  /** The queue that the answer is to be posted to. */
  readonly replyTo: string;
  readonly numbers: readonly number[];
}

/** The answer. */
export interface Reply {
  readonly id: string;
  readonly sum: number;
}
