export default {
  title: 'Compare',
} as const
