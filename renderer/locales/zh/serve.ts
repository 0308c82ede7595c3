import type { Texts } from '../texts.ts'
import type en from '../en/serve.ts'

export default {
  title: '服务',
} satisfies Texts<typeof en>
