import type { Texts } from '../texts.ts'
import type en from '../en/run.ts'

export default {
  title: '运行详情',
} satisfies Texts<typeof en>
