export default {
  title: 'New run',
} as const
