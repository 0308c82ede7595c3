/** A schema's complaint (a zod issue) as a sentence for whoever wrote the value. */
import type { z } from 'zod'

/** Follows the path and a colon: `training.epochs: expected number to be >=1`. */
export function issueText(issue: Pick<z.core.$ZodIssue, 'code' | 'message'>): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return `is needed: ${issue.message.replace('Invalid input: ', '').replace(', received undefined', '')}`
  }
  const text = issue.message.replace(/^(Invalid input|Invalid option|Invalid discriminator value|Too small|Too big)[:.] /, '')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
