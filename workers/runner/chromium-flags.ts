/** How the runner's Chromium is started: WebGPU on, the network shut but for the site. */

export interface FlagsOptions {
  softwareGpu: boolean;
  platform: NodeJS.Platform;
}

export function chromiumFlags(server: string, { softwareGpu, platform }: FlagsOptions): string[] {
  const { protocol, hostname, origin } = new URL(server);
  return [
    // Names and addresses alike: what is not the site's host is found nowhere.
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname.replace(/^\[|\]$/g, '')}`,
    // A proxy would look names up itself, and sockets of calls go to addresses without asking.
    ...['--no-proxy-server', '--disable-quic', '--webrtc-ip-handling-policy=disable_non_proxied_udp'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    '--enable-unsafe-webgpu',
    ...(platform === 'linux' ? ['--enable-features=Vulkan'] : []),
    ...(softwareGpu ? ['--use-webgpu-adapter=swiftshader'] : []),
    // Without a screen there is nothing that Vulkan could draw on.
    ...(platform === 'linux' && !softwareGpu ? ['--use-angle=vulkan', '--disable-vulkan-surface'] : []),
    // WebGPU is for secure pages; --insecure has said that this one is to do.
    ...(protocol === 'http:' ? [`--unsafely-treat-insecure-origin-as-secure=${origin}`] : []),
  ];
}
