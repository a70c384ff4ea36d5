// Serves FerretDB on the loopback: main ADDRESS sqlite FOLDER, or main ADDRESS postgresql URL.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if err := serve(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address, handler, store string) error {
	socket := fmt.Sprintf("@ferretdb-%d", os.Getpid())
	config := &ferretdb.Config{Listener: ferretdb.ListenerConfig{Unix: socket}, Handler: handler}
	if handler == "sqlite" {
		config.SQLiteURL = "file:" + store + "/"
	} else {
		config.PostgreSQLURL = store
	}
	server, err := ferretdb.New(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go server.Run(ctx)
	return relay(ctx, address, socket)
}
