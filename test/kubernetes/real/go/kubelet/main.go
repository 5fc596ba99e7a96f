// Command kubelet is the streaming half of a node, made of Kubernetes' own server code: exec, attach
// and port-forward as kube-apiserver proxies them to a kubelet. Commands run on this machine, the
// network of every pod is its loopback interface, and what is attached to repeats what it is told.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	constants "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/portforward"
	streams "k8s.io/kubelet/pkg/cri/streaming/remotecommand"
)

const (
	idleTimeout     = 5 * time.Minute
	creationTimeout = 30 * time.Second
)

type container struct{}

func main() {
	certificate := flag.String("tls-cert-file", "", "")
	key := flag.String("tls-private-key-file", "", "")
	address := flag.String("address", "", "host:port to listen on")
	flag.Parse()
	server := &http.Server{Addr: *address, Handler: http.HandlerFunc(serve), ReadHeaderTimeout: creationTimeout}
	log.Fatal(server.ListenAndServeTLS(*certificate, *key))
}

// The kubelet's paths: /exec/NAMESPACE/POD/CONTAINER, /attach/… alike, /portForward/NAMESPACE/POD.
func serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 3 {
		http.NotFound(w, r)
		return
	}
	pod := parts[2]
	if parts[0] == "portForward" {
		options, err := portforward.NewV4Options(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		portforward.ServePortForward(w, r, container{}, pod, "", options, idleTimeout, creationTimeout, portforward.SupportedProtocols)
		return
	}
	options, err := streams.NewOptions(r)
	if err != nil || len(parts) != 4 {
		http.Error(w, "no such stream", http.StatusBadRequest)
		return
	}
	protocols := constants.SupportedStreamingProtocols
	switch parts[0] {
	case "exec":
		command := r.URL.Query()["command"]
		streams.ServeExec(w, r, container{}, pod, "", parts[3], command, options, idleTimeout, creationTimeout, protocols)
	case "attach":
		streams.ServeAttach(w, r, container{}, pod, "", parts[3], options, idleTimeout, creationTimeout, protocols)
	default:
		http.NotFound(w, r)
	}
}

func (container) ExecInContainer(ctx context.Context, _ string, _ types.UID, _ string, command []string, in io.Reader, out, errors io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if len(command) == 0 {
		return fmt.Errorf("no command")
	}
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	if in != nil {
		// The process may end before its input does.
		stdin, err := process.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			defer stdin.Close()
			_, _ = io.Copy(stdin, in)
		}()
	}
	if out != nil {
		process.Stdout = out
	}
	if errors != nil {
		process.Stderr = errors
	}
	return process.Run()
}

// A program that says who it is, repeats each line, tells of new sizes, and ends at "bye".
func (container) AttachContainer(ctx context.Context, _ string, _ types.UID, _ string, in io.Reader, out, _ io.WriteCloser, _ bool, sizes <-chan remotecommand.TerminalSize) error {
	if out == nil {
		return fmt.Errorf("nothing to write to")
	}
	fmt.Fprint(out, "attached\r\n")
	lines := make(chan string)
	if in != nil {
		go func() {
			defer close(lines)
			reader := bufio.NewScanner(in)
			reader.Split(scanKeys)
			for reader.Scan() {
				lines <- reader.Text()
			}
		}()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case size, open := <-sizes:
			if !open {
				sizes = nil
				continue
			}
			fmt.Fprintf(out, "[%dx%d]\r\n", size.Width, size.Height)
		case line, open := <-lines:
			if !open || line == "bye" {
				return nil
			}
			fmt.Fprintf(out, "heard %s\r\n", line)
		}
	}
}

// A terminal sends a carriage return for Enter, a pipe a line feed.
func scanKeys(data []byte, atEOF bool) (int, []byte, error) {
	for at, key := range data {
		if key == '\r' || key == '\n' {
			return at + 1, data[:at], nil
		}
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func (container) PortForward(ctx context.Context, _ string, _ types.UID, port int32, stream io.ReadWriteCloser) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return err
	}
	defer connection.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(stream, connection)
	}()
	_, _ = io.Copy(connection, stream)
	if tcp, isTCP := connection.(*net.TCPConn); isTCP {
		_ = tcp.CloseWrite()
	}
	<-done
	return nil
}
