import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DevelopmentAuthority } from '../../src/listen/development-authority.ts'
import type { Child } from '../child.ts'
import { freePort, startServer } from '../child.ts'

export interface Nginx {
  readonly port: number
  readonly child: Child
}

const PROGRAM = '/usr/sbin/nginx'

/** As many as one agent may ask for again and again; each is an operation of its own. */
export const SMALL_FILES = 64
const SMALL = JSON.stringify({ kind: 'Sample', items: ['a', 'b', 'c'].map((name) => ({ name })) })

/** Where the files are: by TLS, in `/bench/files/`. */
export async function startOrigin(
  folder: string,
  tls: DevelopmentAuthority,
  largeBytes: number,
): Promise<Nginx> {
  const files = join(folder, 'www', 'bench', 'files')
  await mkdir(files, { recursive: true })
  for (let number = 0; number < SMALL_FILES; number++) {
    await writeFile(join(files, `small-${number}.json`), SMALL)
  }
  const large = await open(join(files, 'large.bin'), 'w')
  await large.truncate(largeBytes)
  await large.close()
  return startNginx(folder, 'origin', tls, `root ${join(folder, 'www')};`)
}

/** A reverse proxy that verifies its target and keeps connections to it, as the gateway does. */
export function startProxy(
  folder: string,
  tls: DevelopmentAuthority,
  origin: Nginx,
): Promise<Nginx> {
  const location = `location / {
      proxy_pass https://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering on;
      proxy_max_temp_file_size 0;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${tls.authorityFile};
      proxy_ssl_name localhost;
    }`
  const upstream = `upstream origin { server 127.0.0.1:${origin.port}; keepalive 64; }`
  return startNginx(folder, 'proxy', tls, location, upstream)
}

/** In the foreground and as one process, so that its CPU can be read. */
async function startNginx(
  folder: string,
  name: string,
  tls: DevelopmentAuthority,
  server: string,
  http = '',
): Promise<Nginx> {
  const port = await freePort()
  const own = join(folder, name)
  await mkdir(own, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(own, kind)};`)
    .join(' ')
  const file = join(own, 'nginx.conf')
  await writeFile(
    file,
    `daemon off;
master_process off;
worker_processes 1;
pid ${join(own, 'nginx.pid')};
error_log ${join(own, 'error.log')} warn;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000;
  ${temporary}
  ${http}
  server {
    listen 127.0.0.1:${port} ssl;
    server_name localhost;
    ssl_certificate ${tls.certificateFile};
    ssl_certificate_key ${tls.keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    ${server}
  }
}
`,
  )
  return { port, child: await startServer([PROGRAM, '-c', file, '-p', own], port) }
}
