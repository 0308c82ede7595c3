/**
 * Draws points with WebGL 2, one vertex each: 100,000 of them take a few milliseconds a frame. Positions and colours are uploaded once;
 * panning and zooming change two uniforms. No code is generated, so a policy without eval is no obstacle.
 */

/** What of the plane is seen: its point in the middle, and CSS pixels per unit. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface PointRenderer {
  /** [n × 2] */
  setPoints(points: Float32Array): void
  /** [n × 4] red, green, blue, opacity */
  setColours(colours: Uint8Array): void
  /**
   * @param size diameter of a point, in CSS pixels
   * @param step 1: all points are drawn; n, of at most 31: every n-th
   */
  draw(camera: Camera, size: number, step: number): void
  /** @param ratio device pixels per CSS pixel */
  resize(width: number, height: number, ratio: number): void
  dispose(): void
}

const VERTEX = `#version 300 es
in vec2 place;
in vec4 colour;
uniform vec2 middle;
uniform vec2 zoom;
uniform float size;
out vec4 tint;
void main() {
  gl_Position = vec4((place - middle) * zoom, 0.0, 1.0);
  gl_PointSize = size;
  tint = colour;
}`
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 tint;
out vec4 shown;
void main() {
  float off = length(gl_PointCoord - 0.5);
  if (off > 0.5) discard;
  float edge = smoothstep(0.5, 0.36, off);
  shown = vec4(tint.rgb * tint.a * edge, tint.a * edge);
}`

/** null where the browser has no WebGL 2. */
export function createPointRenderer(canvas: HTMLCanvasElement): PointRenderer | null {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true })
  if (gl === null) return null
  const program = link(gl)
  const at = { place: gl.getAttribLocation(program, 'place'), colour: gl.getAttribLocation(program, 'colour') }
  const uniform = {
    middle: gl.getUniformLocation(program, 'middle'),
    zoom: gl.getUniformLocation(program, 'zoom'),
    size: gl.getUniformLocation(program, 'size'),
  }
  const buffers = { place: gl.createBuffer(), colour: gl.createBuffer() }
  let count = 0
  let coloured = 0
  let ratio = 1
  gl.useProgram(program)
  gl.enable(gl.BLEND)
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)

  return {
    setPoints(points) {
      count = points.length / 2
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.place)
      gl.bufferData(gl.ARRAY_BUFFER, points, gl.STATIC_DRAW)
      gl.enableVertexAttribArray(at.place)
    },
    setColours(colours) {
      coloured = colours.length / 4
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colour)
      gl.bufferData(gl.ARRAY_BUFFER, colours, gl.STATIC_DRAW)
      gl.enableVertexAttribArray(at.colour)
    },
    draw({ x, y, scale }, size, step) {
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.place)
      gl.vertexAttribPointer(at.place, 2, gl.FLOAT, false, 8 * step, 0)
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colour)
      gl.vertexAttribPointer(at.colour, 4, gl.UNSIGNED_BYTE, true, 4 * step, 0)
      gl.clearColor(0, 0, 0, 0)
      gl.clear(gl.COLOR_BUFFER_BIT)
      gl.uniform2f(uniform.middle, x, y)
      gl.uniform2f(uniform.zoom, (2 * scale * ratio) / canvas.width, (2 * scale * ratio) / canvas.height)
      gl.uniform1f(uniform.size, size * ratio)
      if (count > 0 && coloured === count) gl.drawArrays(gl.POINTS, 0, Math.ceil(count / step))
    },
    resize(width, height, now) {
      ratio = now
      canvas.width = Math.max(1, Math.round(width * now))
      canvas.height = Math.max(1, Math.round(height * now))
      gl.viewport(0, 0, canvas.width, canvas.height)
    },
    dispose() {
      gl.deleteBuffer(buffers.place)
      gl.deleteBuffer(buffers.colour)
      gl.deleteProgram(program)
    },
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram()
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true)
    throw new Error(`The map's shader: ${gl.getProgramInfoLog(program) ?? 'no reason given'}`)
  return program
}
