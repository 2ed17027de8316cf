// The program that answers HTTP.
package main

import (
	_ "embed"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
)

//go:embed page.txt
var page string

func main() {
	router := chi.NewRouter()
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) })
	router.Get("/health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"status":"ok"}`)
	})
	// Time zones are files of the system, which a closure has to have.
	router.Get("/paris", func(w http.ResponseWriter, _ *http.Request) {
		place, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, place)
	})
	address := net.JoinHostPort(os.Getenv("BIND_ADDRESS"), os.Getenv("PORT"))
	log.Fatal(http.ListenAndServe(address, router))
}
