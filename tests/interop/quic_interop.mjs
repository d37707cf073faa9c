// Wherry against js-libp2p over QUIC, in both directions: the real program, the real js peer, loopback.
// Usage: node quic_interop.mjs PATH_OF_WHERRY
import { check, expect, finish, node, run, seed, withPeer } from './wherry.mjs'

const families = { ip4: ['/ip4/127.0.0.1/udp/0/quic-v1', /ip4\/127.*quic-v1/], ip6: ['/ip6/::1/udp/0/quic-v1', /ip6\/::1\/.*quic-v1/] }
for (const [family, [listen, match]] of Object.entries(families)) {
  await check(`${family}: wherry pings js`, () => withPeer({ listen: [listen], transports: ['quic'] }, async js => {
    const r = await run('ping', js.addr(match), '-n', '3')
    expect(r.code === 0, `exit ${r.code}: ${r.stderr}`)
    const times = r.events.filter(e => e.event === 'ping' || e.event === 'pong')
    expect(times.length >= 3, `replies: ${JSON.stringify(r.events)}`)
  }))
  await check(`${family}: wherry measures perf against js, both ways`, () => withPeer({ listen: [listen], transports: ['quic'] }, async js => {
    const r = await run('perf', js.addr(match), '--upload', '3000000', '--download', '5000000')
    expect(r.code === 0, `exit ${r.code}: ${r.stderr} ${JSON.stringify(r.events)}`)
  }))
  await check(`${family}: js pings, identifies and measures a wherry node`, async () => {
    const w = await node('--perf', '--listen', listen)
    try {
      await withPeer({ listen: [], transports: ['quic'] }, async js => {
        await js.call('dial', { addr: w.addr(match) })
        expect((await js.call('ping', { peer: w.peerId, count: 5 })).ms.length === 5, 'five pings')
        const id = await js.call('identify', { peer: w.peerId })
        expect(id.peer === w.peerId, 'identify names the peer')
        expect(/^wherry\//.test(id.agent), `agent ${id.agent}`)
        expect(id.protocols.includes('/ipfs/ping/1.0.0') && id.protocols.includes('/ipfs/id/1.0.0'), `protocols ${id.protocols}`)
        expect(id.listenAddrs.some(a => match.test(a)), `listen addresses ${id.listenAddrs}`)
        expect(id.signedPeerRecord?.addrs.length > 0, 'signed peer record')
        const up = await js.call('perf', { peer: w.peerId, upload: 4_000_000, download: 1000 })
        expect(up.MBps > 0, 'upload')
        const down = await js.call('perf', { peer: w.peerId, upload: 0, download: 6_000_000 })
        expect(down.MBps > 0, 'download')
      })
    } finally { expect(await w.stop() === 0, 'the node ends with 0 on SIGTERM') }
  })
}

await check('a wrong peer id is refused as identity-mismatch with exit code 4', () => withPeer({ listen: [families.ip4[0]], transports: ['quic'], seed: seed(1) }, async js => {
  const wrong = js.addr(/quic-v1/).replace(/p2p\/.*/, 'p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq')
  const r = await run('ping', wrong, '-n', '1', '--wait', '5')
  expect(r.code === 4, `exit ${r.code}`)
  expect(JSON.stringify(r.events).includes('identity-mismatch'), `events ${JSON.stringify(r.events)}`)
}))
await check('a js peer with an RSA identity connects', async () => {
  const w = await node('--listen', families.ip4[0])
  try {
    await withPeer({ listen: [], transports: ['quic'], keyType: 'RSA' }, async js => {
      await js.call('dial', { addr: w.addr(/127/) })
      await js.call('ping', { peer: w.peerId })
    })
  } finally { await w.stop() }
})
await check('a protocol that wherry does not speak is refused and the connection lives on', async () => {
  const w = await node('--listen', families.ip4[0])
  try {
    await withPeer({ listen: [], transports: ['quic'] }, async js => {
      await js.call('dial', { addr: w.addr(/127/) })
      const refused = await js.call('raw', { peer: w.peerId, protocol: '/nobody/speaks/this', data: 'x' }).then(() => false, () => true)
      expect(refused, 'the stream is refused')
      await js.call('ping', { peer: w.peerId })
    })
  } finally { await w.stop() }
})
await check('a hundred streams at once', async () => {
  const w = await node('--perf', '--listen', families.ip4[0])
  try {
    await withPeer({ listen: [], transports: ['quic'] }, async js => {
      await js.call('dial', { addr: w.addr(/127/) })
      await Promise.all(Array.from({ length: 100 }, () => js.call('perf', { peer: w.peerId, upload: 2000, download: 3000 })))
      await js.call('ping', { peer: w.peerId })
    })
  } finally { await w.stop() }
})
await check('garbage on the transfer protocol resets the stream and costs nothing else', async () => {
  const w = await node('--listen', families.ip4[0])
  try {
    await withPeer({ listen: [], transports: ['quic'] }, async js => {
      await js.call('dial', { addr: w.addr(/127/) })
      for (const dataHex of ['ff'.repeat(64), '00', '05ffffffffff', '80'.repeat(12)]) await js.call('raw', { peer: w.peerId, protocol: '/wherry/transfer/1', dataHex }).catch(() => {})
      await js.call('ping', { peer: w.peerId })
    })
  } finally { await w.stop() }
})

finish()
