"""What is offered, where and by whom."""
