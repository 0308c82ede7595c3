/** A graphics processor in software: the Vulkan that Debian's Chromium brings along (SwiftShader), for WebGPU on machines without one. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['/usr/lib/chromium', '/opt/google/chrome', '/usr/lib64/chromium-browser']

/** The environment in which a new process finds it; null where it is not here. */
export function softwareGpu(): Record<string, string> | null {
  const folder = FOLDERS.find((each) => ['libvulkan.so.1', 'vk_swiftshader_icd.json'].every((name) => existsSync(join(each, name))))
  return folder === undefined ? null : { LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json') }
}
