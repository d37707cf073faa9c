// Two network namespaces with one cable between them, for what never may leave this machine, or needs addresses that look public.
// Needs root; whoever has not got it is told so, and the exit code is 77.
import { execFileSync } from 'node:child_process'

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] })

export function skip (reason) {
  console.log(`skipped: ${reason}`)
  process.exit(77)
}

// ours, theirs: { addresses: [CIDR, ...], routes: [CIDR, ...] }, the routes through the cable.
export function makeNetwork ({ ours, theirs }) {
  if (process.getuid() !== 0) skip('needs root to make network namespaces')
  const names = { ours: `wherry-${process.pid}-own`, theirs: `wherry-${process.pid}-js` }
  const remove = () => { for (const name of Object.values(names)) try { ip('netns', 'del', name) } catch {} }
  try {
    for (const name of Object.values(names)) {
      ip('netns', 'add', name)
      ip('netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0')
      ip('-n', name, 'link', 'set', 'lo', 'up')
    }
    ip('-n', names.ours, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', names.theirs)
  } catch (e) {
    remove()
    skip(String(e.stderr ?? e))
  }
  for (const [name, side] of [[names.ours, ours], [names.theirs, theirs]]) {
    ip('-n', name, 'link', 'set', 'wire', 'up')
    for (const address of side.addresses) ip('-n', name, 'address', 'add', address, 'dev', 'wire')
    for (const route of side.routes) ip('-n', name, 'route', 'add', route, 'dev', 'wire')
  }
  return { ...names, remove }
}
