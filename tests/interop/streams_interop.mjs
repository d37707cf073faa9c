// Streams of bytepipe against js-libp2p, in both directions: echoes of all sizes, a hundred at once, resets by either side.
// The real program has no protocol that echoes; stream_peer speaks the js peer's.
// Usage: node streams_interop.mjs PATH_OF_WHERRY PATH_OF_STREAM_PEER
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { check, expect, finish, withPeer } from './wherry.mjs'

const program = process.argv[3]
const sizes = [0, 1, 32, 4096, 65_535, 65_536, 262_144, 262_145, 1_000_000, 4 << 20]
const any = /./

async function withStreams (args, body) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.on('close', resolve))
  const waiting = []; const lines = []
  createInterface({ input: child.stdout }).on('line', l => waiting.length > 0 ? waiting.shift()(l) : lines.push(l))
  const line = () => new Promise((resolve, reject) => {
    if (lines.length > 0) return resolve(lines.shift())
    const timer = setTimeout(() => reject(new Error('stream_peer says nothing')), 60_000)
    waiting.push(l => { clearTimeout(timer); resolve(l) })
  })
  const ask = async words => { child.stdin.write(words + '\n'); const answer = await line(); expect(answer.startsWith('ok '), `${words}: ${answer}`) }
  try { await body({ addr: await line(), ask }) } finally { child.stdin.end(); await ended }
}

for (const transport of ['tcp', 'ws']) for (const security of ['noise', 'tls']) for (const family of ['ip4', 'ip6']) {
  const name = `${family}, ${transport}, ${security}`
  const js = { transports: [transport], security: [security] }
  const listen = `/${family}/${family === 'ip4' ? '127.0.0.1' : '::1'}/tcp/0${transport === 'ws' ? '/ws' : ''}`
  await check(`${name}: we dial; echoes of every size, a hundred at once, resets by either side`, () => withPeer({ listen: [listen], ...js }, peer => withStreams([transport, security, family], async streams => {
    await streams.ask(`dial ${peer.addr(any)}`)
    for (const size of sizes) await streams.ask(`echo ${size} 1`)
    await streams.ask('echo 20000 100')
    for (let i = 0; i < 20; i++) await streams.ask('reset')
    for (let i = 0; i < 20; i++) await streams.ask('hold')
    await streams.ask('echo 1000 1') // whatever came before it is there
    await streams.ask('release')
    const end = await peer.event(e => e.event === 'hold:end', 20_000)
    expect(end.bytes === 5 && /reset/.test(end.how), `js saw ${JSON.stringify(end)}`)
    await streams.ask('echo 1000000 3')
  })))
  await check(`${name}: js dials; echoes of every size, a hundred at once, resets by either side`, () => withPeer({ listen: [], ...js }, peer => withStreams([transport, security, family], async streams => {
    const id = streams.addr.replace(/.*\/p2p\//, '')
    await peer.call('dial', { addr: streams.addr })
    for (const size of sizes) await peer.call('echo', { peer: id, size, timeout: 60_000 })
    await Promise.all(Array.from({ length: 100 }, () => peer.call('echo', { peer: id, size: 20_000, timeout: 60_000 })))
    for (let i = 0; i < 20; i++) {
      const r = await peer.call('raw', { peer: id, protocol: '/reset/1.0.0', data: 'x', close: false })
      expect(/reset/.test(r.how), `a reset shows as ${r.how}`)
    }
    for (let i = 0; i < 20; i++) await peer.call('raw', { peer: id, protocol: '/echo/1.0.0', data: 'x'.repeat(5000), reset: true })
    await peer.call('echo', { peer: id, size: 1_000_000, count: 3, timeout: 60_000 })
    expect((await peer.call('conns')).length === 1, 'over one connection')
  })))
}
finish()
