"""Where tables live: columns, calendar, engine and Delta tables. It knows no stage."""
