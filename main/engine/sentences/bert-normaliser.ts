/**
 * How tokenizers of BERT's kind prepare a text (Hugging Face tokenizers, `BertNormalizer`). The library does it too, but lower-cases a
 * final sigma as a word's end does and keeps characters that are none, so that a text there has other tokens than its model was taught by.
 * What this has prepared, the library leaves as it is.
 */
import { z } from 'zod'

const bertSchema = z.object({
  normalizer: z.object({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean(),
    handle_chinese_chars: z.boolean(),
    /** null: where letters are lower-cased */
    strip_accents: z.boolean().nullable(),
    lowercase: z.boolean(),
  }),
  added_tokens: z.array(z.object({ content: z.string() })).default([]),
})

/** The ideographs that are words of their own: CJK with its extensions A to E and compatibility forms, as the original has them. */
const IDEOGRAPH =
  /[\u{4e00}-\u{9fff}\u{3400}-\u{4dbf}\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{f900}-\u{faff}\u{2f800}-\u{2fa1f}]/gu
const CONTROL = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu
const BLANK = /\p{White_Space}/gu

/** The preparation that a tokenizer.json asks for; null where it is of another kind. Tokens that stand in a text by name stay as they are. */
export function bertNormaliser(tokenizer: object): ((text: string) => string) | null {
  const read = bertSchema.safeParse(tokenizer).data
  if (read === undefined) return null
  const { clean_text: clean, handle_chinese_chars: isolate, lowercase, strip_accents: strip } = read.normalizer
  const normalise = (text: string): string => {
    let now = clean ? text.replace(CONTROL, '').replace(BLANK, ' ') : text
    if (isolate) now = now.replace(IDEOGRAPH, ' $& ')
    if (strip ?? lowercase) now = now.normalize('NFD').replace(/\p{Mn}/gu, '')
    return lowercase ? Array.from(now, (letter) => letter.toLowerCase()).join('') : now
  }
  const names = read.added_tokens.map(({ content }) => content.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
  if (names.length === 0) return normalise
  const named = new RegExp(`(${names.join('|')})`, 'u')
  // every second piece is the name of a token
  return (text) =>
    text
      .split(named)
      .map((piece, i) => (i % 2 === 1 ? piece : normalise(piece)))
      .join('')
}
