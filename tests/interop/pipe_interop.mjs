// Wherry against js-libp2p over TCP and WebSocket, in both directions: the real program, the real js peer, loopback.
// Usage: node pipe_interop.mjs PATH_OF_WHERRY
import { check, expect, finish, run, seed, withNode, withPeer } from './wherry.mjs'

const somebody = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq'
const families = { ip4: '/ip4/127.0.0.1', ip6: '/ip6/::1' }
// What js speaks; wherry takes whichever of the securities js has.
const kinds = {
  'tcp, noise': { tail: '/tcp/0', js: { transports: ['tcp'], security: ['noise'] } },
  'tcp, tls': { tail: '/tcp/0', js: { transports: ['tcp'], security: ['tls'] } },
  'ws, noise': { tail: '/tcp/0/ws', js: { transports: ['ws'], security: ['noise'] } },
  'ws, tls': { tail: '/tcp/0/ws', js: { transports: ['ws'], security: ['tls'] } }
}
const encryption = { noise: '/noise', tls: '/tls/1.0.0' }
const any = /./

async function wherryDials (name, listen, js) {
  await check(`${name}: wherry pings js`, () => withPeer({ listen: [listen], ...js }, async peer => {
    const r = await run('ping', peer.addr(any), '-n', '3')
    expect(r.code === 0, `exit ${r.code}: ${r.stderr}`)
    expect(r.events.filter(e => e.event === 'pong').length === 3, `replies: ${JSON.stringify(r.events)}`)
    const path = r.events.find(e => e.event === 'path')
    expect(path?.address === peer.addr(any).replace(/\/p2p\/.*/, ''), `path ${JSON.stringify(path)}`)
    const open = peer.events.find(e => e.event === 'connection:open')
    expect(open.encryption === encryption[js.security[0]] && open.multiplexer === '/yamux/1.0.0', `connection ${JSON.stringify(open)}`)
  }))
  await check(`${name}: wherry measures perf against js, from nothing to 4 MiB each way`, () => withPeer({ listen: [listen], ...js }, async peer => {
    for (const size of [1, 4096, 65535, 65536, 300_000, 4 << 20]) {
      const r = await run('perf', peer.addr(any), '--upload', `${size}`, '--download', `${size}`)
      expect(r.code === 0, `${size}: exit ${r.code}: ${r.stderr} ${JSON.stringify(r.events)}`)
    }
  }))
  await check(`${name}: a js peer with another key is refused as identity-mismatch`, () => withPeer({ listen: [listen], ...js, seed: seed(1) }, async peer => {
    const r = await run('ping', peer.addr(any).replace(/p2p\/.*/, `p2p/${somebody}`), '-n', '1', '--wait', '5')
    expect(r.code === 4, `exit ${r.code}`)
    expect(JSON.stringify(r.events).includes('identity-mismatch'), `events ${JSON.stringify(r.events)}`)
  }))
}

async function jsDials (name, listen, js) {
  await check(`${name}: js pings, identifies and measures a wherry node`, () => withNode(['--perf', '--listen', listen], w => withPeer({ listen: [], ...js }, async peer => {
    const open = await peer.call('dial', { addr: w.addr(any) })
    expect(open.encryption === encryption[js.security[0]] && open.multiplexer === '/yamux/1.0.0', `connection ${JSON.stringify(open)}`)
    expect((await peer.call('ping', { peer: w.peerId, count: 5 })).ms.length === 5, 'five pings')
    const id = await peer.call('identify', { peer: w.peerId })
    expect(id.peer === w.peerId && /^wherry\//.test(id.agent), `${id.peer} ${id.agent}`)
    expect(id.listenAddrs.some(a => a.startsWith(w.addr(any).replace(/\/p2p\/.*/, ''))), `listen addresses ${id.listenAddrs}`)
    expect(id.signedPeerRecord?.addrs.length > 0, 'signed peer record')
    for (const [upload, download] of [[0, 0], [0, 1], [1, 0], [65_536, 65_536], [4 << 20, 4 << 20], [20_000_000, 1000], [0, 20_000_000]]) await peer.call('perf', { peer: w.peerId, upload, download, timeout: 60_000 })
    await peer.call('ping', { peer: w.peerId })
  })))
  await check(`${name}: js finds out that a wherry node has another key`, () => withNode(['--listen', listen], w => withPeer({ listen: [], ...js }, async peer => {
    const refused = await peer.call('dial', { addr: w.addr(any).replace(/p2p\/.*/, `p2p/${somebody}`) }).then(() => false, () => true)
    expect(refused, 'the dial fails')
    await peer.call('dial', { addr: w.addr(any) })
    await peer.call('ping', { peer: w.peerId })
  })))
  await check(`${name}: a hundred streams at once`, () => withNode(['--perf', '--listen', listen], w => withPeer({ listen: [], ...js }, async peer => {
    await peer.call('dial', { addr: w.addr(any) })
    await Promise.all(Array.from({ length: 100 }, () => peer.call('perf', { peer: w.peerId, upload: 20_000, download: 30_000, timeout: 60_000 })))
    await peer.call('ping', { peer: w.peerId })
  })))
  await check(`${name}: what wherry does not speak, garbage and resets end their stream and nothing else`, () => withNode(['--perf', '--listen', listen], w => withPeer({ listen: [], ...js }, async peer => {
    await peer.call('dial', { addr: w.addr(any) })
    const refused = await peer.call('raw', { peer: w.peerId, protocol: '/nobody/speaks/this', data: 'x' }).then(() => false, () => true)
    expect(refused, 'the stream is refused')
    for (const dataHex of ['ff'.repeat(64), '00', '05ffffffffff', '80'.repeat(12)]) await peer.call('raw', { peer: w.peerId, protocol: '/wherry/transfer/1', dataHex }).catch(() => {})
    for (let i = 0; i < 20; i++) await peer.call('raw', { peer: w.peerId, protocol: '/ipfs/ping/1.0.0', data: 'short', reset: true }).catch(() => {})
    for (let i = 0; i < 20; i++) await peer.call('raw', { peer: w.peerId, protocol: '/perf/1.0.0', dataHex: '00000000ffffffff', reset: true }).catch(() => {})
    await peer.call('ping', { peer: w.peerId, count: 3 })
    expect((await peer.call('conns')).length === 1, 'over one connection')
  })))
}

for (const [kind, { tail, js }] of Object.entries(kinds)) {
  for (const [family, head] of Object.entries(families)) {
    await wherryDials(`${family}, ${kind}`, head + tail, js)
    await jsDials(`${family}, ${kind}`, head + tail, js)
  }
}
await check('a js peer with an RSA identity connects over TCP, Noise and TLS', async () => {
  for (const security of [['noise'], ['tls']]) await withNode(['--listen', '/ip4/127.0.0.1/tcp/0'], w => withPeer({ listen: [], transports: ['tcp'], security, keyType: 'RSA' }, async peer => {
    await peer.call('dial', { addr: w.addr(any) })
    await peer.call('ping', { peer: w.peerId })
  }))
})
await check('a node listens at QUIC, TCP and WebSocket at once, and js uses each', () => withNode(['--listen', '/ip4/127.0.0.1/udp/0/quic-v1', '--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws'], async w => {
  expect(w.listen.length === 3 && /quic-v1/.test(w.listen[0]) && /\/tcp\/\d+\/p2p/.test(w.listen[1]) && /\/ws\/p2p/.test(w.listen[2]), `${w.listen}`)
  for (const addr of w.listen) await withPeer({ listen: [] }, async peer => {
    await peer.call('dial', { addr })
    await peer.call('ping', { peer: w.peerId })
  })
}))
finish()
