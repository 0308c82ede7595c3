import type { Texts } from '../texts.ts'
import type en from '../en/report.ts'

export default {
  action: '报告…',
  title: '报告',
  text: '一个 HTML 文件，无需网络即可打开，适应浅色与深色。',
  name: '标题',
  language: '语言',
  metric: '指标',
  metricHint: '用于检验与切片：recall、ndcg、hit、mrr、map 或 precision，加截断',
  parts: '显示的内容（若有）',
  part: {
    metrics: '指标及其协议',
    tests: '与第一个运行的检验',
    users: '变化最大的用户',
    curves: '学习曲线',
    slices: '有差异的切片',
    ledger: '每一列的价值',
    search: '搜索及其图',
    tracked: '其他跟踪器的运行（并非由 Pylon 评测）',
    config: '配置的差异',
  },
  own: '自己的文字（Markdown）',
  ownHint: '标题、列表、引用、代码、粗体、斜体、链接。单独一行 {open}curves{close} 把该部分放在此处，其余在后。',
  write: '生成',
  written: '报告已生成。',
  writtenWithout: '报告已生成。没有可显示的内容：{parts}。',
} satisfies Texts<typeof en>
