import type { Texts } from '../texts.ts'
import type en from '../en/new-run.ts'

export default {
  title: '新建运行',
} satisfies Texts<typeof en>
