// A worker that answers nothing.
package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

func main() {
	for {
		fmt.Println("tick", uuid.NameSpaceX500, time.Now().Format(time.RFC3339))
		time.Sleep(time.Second)
	}
}
