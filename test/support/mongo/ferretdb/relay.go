package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
)

// FerretDB keeps a connection to its store for each statement of an update until the command is done, and hangs for
// good when it has no more of them: 100 on SQLite, 50 on PostgreSQL. Told of a smaller batch, clients split commands.
const maxBatch = 40

// No message of the protocol is longer.
const maxMessage = 48_000_000

// The name of the limit in the answer to a client's greeting, as the key of a 32-bit integer.
var batchKey = []byte("\x10maxWriteBatchSize\x00")

// Relay passes on what comes to the address, and tells clients of the smaller batch; it ends with the context.
func relay(ctx context.Context, address, socket string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		listener.Close()
	}()
	for {
		client, err := listener.Accept()
		if err != nil {
			return ctx.Err()
		}
		go pass(client, socket)
	}
}

// Pass serves one client until either side ends.
func pass(client net.Conn, socket string) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	for {
		reply, err := message(server)
		if err != nil {
			return
		}
		if at := bytes.Index(reply, batchKey); at >= 0 && at+len(batchKey)+4 <= len(reply) {
			binary.LittleEndian.PutUint32(reply[at+len(batchKey):], maxBatch)
		}
		if _, err := client.Write(reply); err != nil {
			return
		}
	}
}

// Message reads one message of the wire protocol: its first four bytes say how long it is.
func message(from io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(head)
	if length < 16 || length > maxMessage {
		return nil, io.ErrUnexpectedEOF
	}
	whole := make([]byte, length)
	copy(whole, head)
	_, err := io.ReadFull(from, whole[4:])
	return whole, err
}
