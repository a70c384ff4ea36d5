import { MarconiError } from '../../src/errors/marconi-error.js';

/** The answer of a call, or null when what it asks for does not exist; other errors stay errors. */
export async function absentAsEmpty<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof MarconiError && error.row.http === 404) return null;
    throw error;
  }
}
