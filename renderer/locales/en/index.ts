export default {
  title: 'Index',
} as const
