import type { Texts } from '../texts.ts'
import type en from '../en/runs.ts'

export default {
  title: '运行',
} satisfies Texts<typeof en>
