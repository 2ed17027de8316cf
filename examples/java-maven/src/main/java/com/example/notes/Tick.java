package com.example.notes;

import java.util.Map;

/** What cron runs. */
public final class Tick {
  public static void main(String[] arguments) {
    System.out.println("tick " + Web.json(Map.of("words", arguments.length)));
  }
}
