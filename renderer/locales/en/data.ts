export default {
  title: 'Data',
} as const
