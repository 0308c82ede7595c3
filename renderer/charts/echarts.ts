/**
 * The only importer of ECharts: what is registered here is what is shipped. Tooltips are drawn on the canvas, as the
 * policy allows no inline styles.
 */
import type { EChartsOption, TooltipComponentOption } from 'echarts'
import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts'
import {
  AxisPointerComponent,
  BrushComponent,
  DataZoomComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  MarkPointComponent,
  ParallelComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components'
import { init, use } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'

use([
  AxisPointerComponent,
  BarChart,
  BrushComponent,
  CanvasRenderer,
  CustomChart,
  DataZoomComponent,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  MarkPointComponent,
  ParallelChart,
  ParallelComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
  VisualMapComponent,
])

export { init }
export type { EChartsType } from 'echarts/core'
/** With one tooltip, and bars or lines of one x axis as `categoryBars` makes them. */
export type ChartOption = Omit<EChartsOption, 'tooltip'> & { readonly tooltip?: TooltipComponentOption }
