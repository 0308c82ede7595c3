/** HTML as a type of its own: what is put into a template is escaped unless it is HTML already, so that no title of an item becomes a tag. */

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Markup | string | number | false | null | readonly Part[]

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
/** For a text and for an attribute in quotes; control characters, which HTML has no place for, are left out. */
export const escaped = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- these are what is left out
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '').replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)

/** A template of HTML. Lists are put one after the other, `false` and `null` are nothing. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(texts.map((text, i) => (i === 0 ? '' : textOf(parts[i - 1]!)) + text).join(''))
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text
  if (part === false || part === null) return ''
  return typeof part === 'object' ? part.map(textOf).join('') : escaped(String(part))
}

export interface Column<R> {
  readonly title: string
  readonly cell: (row: R, i: number) => Part
  readonly num?: boolean
}

const NUM = new Markup(' class="num"')

/** A table that scrolls by itself where it is wide; the first cell of a row is its head. */
export function table<R>(label: string, columns: readonly Column<R>[], rows: readonly R[]): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${columns.map(({ title, num }) => markup`<th scope="col"${num === true && NUM}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, r) =>
            markup`<tr>
              ${columns.map(({ cell, num }, i) =>
                i === 0 ? markup`<th scope="row">${cell(row, r)}</th>` : markup`<td${num === true && NUM}>${cell(row, r)}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
