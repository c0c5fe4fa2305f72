"""What is tried: functions, shapes, layouts, formats."""
