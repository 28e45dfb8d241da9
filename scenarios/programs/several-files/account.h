extern volatile int balance;
void deposit(int amount);
void withdraw(int amount);
void correct(void);
